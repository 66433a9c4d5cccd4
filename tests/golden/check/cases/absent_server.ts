const pages = await notion.list_pages({});
return pages;
