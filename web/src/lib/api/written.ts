/** A body as the server writes it: what has no value is null, never left out. The document only says that it may be missing. */
export type Written<Body> = Body extends (infer Item)[] ? Written<Item>[] : Body extends object ? { [Name in keyof Body]-?: Written<Body[Name]> } : Body;
