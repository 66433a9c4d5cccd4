await setTimeout(1000);
return "done";
