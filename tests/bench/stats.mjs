// Figures of samples, in the unit of the samples.

export function quantile(samples, q) {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}

export function summary(samples) {
  return {
    count: samples.length,
    min: quantile(samples, 0),
    p50: quantile(samples, 0.5),
    p99: quantile(samples, 0.99),
  };
}

export async function timed(fn) {
  const start = performance.now();
  await fn();
  return performance.now() - start;
}

// Runs the case and its floor in turn, so that a change of the machine's speed meets both.
export async function paired(rounds, measured, floor) {
  const of = { measured: [], floor: [] };
  for (let i = 0; i < Math.ceil(rounds / 10); i++) {
    await floor();
    await measured();
  }
  for (let i = 0; i < rounds; i++) {
    of.floor.push(await timed(floor));
    of.measured.push(await timed(measured));
  }
  return { measured: summary(of.measured), floor: summary(of.floor) };
}
