/** The part of jstat that distributions.ts uses; the package brings no types. */
declare module 'jstat' {
  interface Distribution {
    inv(p: number, ...parameters: number[]): number;
  }
  const jstat: {
    /** Natural logarithm of the gamma function, x above 0. */
    gammaln(x: number): number;
    ibetainv(p: number, a: number, b: number): number;
    readonly normal: Distribution;
    readonly chisquare: Distribution;
    readonly studentt: Distribution;
  };
  export default jstat;
}
