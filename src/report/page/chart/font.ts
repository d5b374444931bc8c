/** The family that the page is set in: charts draw their own text and have to be told. */
let family: string | null = null;

export function fontFamily(): string {
  family ??= getComputedStyle(document.body).fontFamily;
  return family;
}
