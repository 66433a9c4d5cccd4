const a = "bug;
return a;
