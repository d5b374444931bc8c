/** Colours of the terminal by what they mean, as in LOOK.md: one meaning, one colour. Off, every paint is the text. */
import picocolors from 'picocolors';

export type Meaning =
  | 'strong'
  | 'plain'
  | 'quiet'
  /** The load line, and what held. */
  | 'safe'
  | 'knee'
  /** The cliff, and what failed. */
  | 'cliff'
  /** Throughput, the measured. */
  | 'measured'
  | 'response';

export type Paint = Readonly<Record<Meaning, (text: string) => string>>;

export function paints(colour: boolean): Paint {
  const colours = picocolors.createColors(colour);
  return {
    strong: colours.bold,
    plain: String,
    quiet: colours.dim,
    safe: colours.green,
    knee: colours.yellow,
    cliff: colours.red,
    measured: colours.cyan,
    response: colours.magenta,
  };
}
