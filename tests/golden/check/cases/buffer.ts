return Buffer.from("aGVsbG8=", "base64").toString("utf8");
