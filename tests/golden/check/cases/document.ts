return document.title;
