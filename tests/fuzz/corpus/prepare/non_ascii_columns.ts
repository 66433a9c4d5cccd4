const s = "é😀"; const n: number = "é😀";
return n + s;
