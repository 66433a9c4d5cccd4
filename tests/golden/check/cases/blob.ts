const file = new Blob(["hello"]);
return await file.text();
