/**
 * @param code an ES module as tsc writes it
 * @param classes gets the names of its classes
 * @returns the same with each class at its top level as `let Name = class`; text in it stays as it is
 */
export function withNamedClasses(code: string, classes: Set<string>): string;
