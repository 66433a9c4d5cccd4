return await files.read_text_file("/tmp/a.txt");
