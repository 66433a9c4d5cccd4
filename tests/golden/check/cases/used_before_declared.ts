const total = count + 1;
const count = 2;
return total;
