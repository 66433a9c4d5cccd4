const numbers = [1, 2];
numbers.map((n) => github.get_issue({ owner: "a", repo: "b", issue_number: n })).length.foo;
