const list = <ul><li>a</li></ul>;
return list;
