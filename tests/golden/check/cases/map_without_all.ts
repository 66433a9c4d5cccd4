const numbers = [1, 2];
const issues = numbers.map((n) => github.get_issue({ owner: "a", repo: "b", issue_number: n }));
return issues.map((i) => i.title);
