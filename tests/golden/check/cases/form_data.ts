const form = new FormData();
form.append("a", "b");
