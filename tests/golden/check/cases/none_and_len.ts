const names = ["a"];
const nothing = None;
return len(names);
