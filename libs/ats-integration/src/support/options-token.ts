/** The checked options; internal. */
export const AtsOptions = Symbol('AtsOptions');
