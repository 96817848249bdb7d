/** Gives the value of a root by its name, when an expression asks for it; undefined when it is not there. */
export type Scope = (root: string) => unknown;
