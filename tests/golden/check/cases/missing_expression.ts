const total = ;
return total;
