/** A sign-in that was begun and not finished. It holds a place. */
export interface OpenSignIn {
  readonly id: string;
  readonly provider: string;
  readonly createdBy: string;
  /** When the sweep has given it up at the latest. */
  readonly freeBy: Date;
}

/**
 * Which open sign-ins, given with the oldest first, a click on Connect takes the place of. A person's own at the same ATS
 * in any case: a second click is no second connection. When the plan has no more `room` for them, also the person's own
 * at other ATSs, which a closed tab would keep where nobody sees them, and then those of others at the same ATS.
 */
export function givingWay(
  open: readonly OpenSignIn[],
  click: { readonly userId: string; readonly provider: string },
  room: number,
): readonly OpenSignIn[] {
  const isMine = ({ createdBy }: OpenSignIn) => createdBy === click.userId;
  const isHere = ({ provider }: OpenSignIn) => provider === click.provider;
  const again = open.filter((signIn) => isMine(signIn) && isHere(signIn));
  const spare = [
    ...open.filter((signIn) => isMine(signIn) && !isHere(signIn)),
    ...open.filter((signIn) => !isMine(signIn) && isHere(signIn)),
  ];
  const tooMany = Math.max(open.length - again.length - room, 0);
  return [...again, ...spare.slice(0, Math.min(tooMany, spare.length))];
}
