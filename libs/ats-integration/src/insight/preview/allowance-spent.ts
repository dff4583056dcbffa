/** Nothing more may be asked: the reading stops where it is. */
export class AllowanceSpent extends Error {}
