// Tries: a set whose members add members while they are rendered
// Stopped by: runtime
// Client sees: value [{"a":1}]
const set = new Set();
const member = () => ({ get a() { set.add(member()); return 1; } });
set.add(member());
return set;
