const found = None;
return len(found) if found else True;
