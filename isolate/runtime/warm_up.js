(async function () { "use strict"; 
const calls = Array.from({ length: 2 }, (_, n) => n === 0 ? warm.up({ name: "a" }) : warm.up_2({}));
const [first, second] = await Promise.all(calls);
const names = [...first.items, ...second.items].map((item) => `${item.name}!`);
console.log("warm", names.length, { names });
return { names, n: input.n };
})()
