/** What the ledger names where a message went to nobody who is a member: a test. */
const NOBODY = /^mem_0+$/;

export function isTest(member: string): boolean {
  return NOBODY.test(member);
}
