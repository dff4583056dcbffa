const WHOLE = new Intl.NumberFormat('en');

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** "1 credit", "2 credits" */
export function counted(value: number, one: string, many: string = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}
