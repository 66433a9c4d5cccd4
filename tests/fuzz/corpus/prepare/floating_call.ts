for (const title of ["a", "b"]) {
  github.create_issue({ owner: "a", repo: "b", title });
}
return "done";
