const a = await github.search_issues({ query: "bug" );
return a;
