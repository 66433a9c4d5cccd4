await sleep(1000);
return "done";
