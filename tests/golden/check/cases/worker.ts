const worker = new Worker("task.js");
return worker;
