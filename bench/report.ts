export interface Ratio {
  readonly name: string;
  readonly value: number;
  /** What it must reach (or stay below, when `atMost`). */
  readonly target: number;
  readonly atMost?: boolean;
  readonly detail: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function meets({ value, target, atMost }: Ratio): boolean {
  return atMost === true ? value <= target : value >= target;
}

export function printRatios(title: string, ratios: readonly Ratio[]): void {
  console.log(`\n${title}`);
  for (const ratio of ratios) {
    const bound = `${ratio.atMost === true ? '≤' : '≥'} ${ratio.target}`;
    console.log(
      `  ${meets(ratio) ? '✓' : '✗'} ${ratio.name.padEnd(52)} ${ratio.value.toFixed(2).padStart(7)}  (${bound})  ${ratio.detail}`,
    );
  }
}
