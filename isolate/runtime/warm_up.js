(async function () { "use strict"; 
const [first, second] = await Promise.all([warm.up({ name: "a" }), warm.up_2({})]);
const names = [...first.items, ...second.items].map((item) => `${item.name}!`);
console.log("warm", names.length, { names });
return { names, n: input.n };
})()
