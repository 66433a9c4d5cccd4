function titles(items: { number: number }[]) {
  return items.map((i) => await github.get_issue({ owner: "a", repo: "b", issue_number: i.number }));
}
return titles([]);
