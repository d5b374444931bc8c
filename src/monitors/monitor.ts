/** A monitor: something that can be asked, about once a second, how it stands. */
export interface Monitor<Reading> {
  /** Takes one reading. Never rejects for what a target does or hides: that is data. Not to be overlapped. */
  read(): Promise<Reading>;
  /** Lets go of timers and histograms. No read may follow. */
  close(): void;
}
