const { exec } = child_process;
return exec("ls");
