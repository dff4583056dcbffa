/** Greenhouse would not let anybody do this; the message says why. */
export class ActionRefused extends Error {}
