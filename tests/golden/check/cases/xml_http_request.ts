const request = new XMLHttpRequest();
request.open("GET", "https://example.com");
