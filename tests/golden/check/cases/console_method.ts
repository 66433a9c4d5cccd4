console.success("done");
return 1;
