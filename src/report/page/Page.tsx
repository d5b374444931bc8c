/** The report from top to bottom: verdict, figures, reasons, charts, what was not tested, levels, method. */
import type { Report } from '../../model/report.ts';
import { AgainstLoad } from './AgainstLoad.tsx';
import { AgainstRate } from './AgainstRate.tsx';
import { Figures } from './Figures.tsx';
import { Findings } from './Findings.tsx';
import { Levels } from './Levels.tsx';
import { Steps } from './Steps.tsx';
import { Masthead } from './Masthead.tsx';
import { Measured } from './Measured.tsx';
import { Notices } from './Notices.tsx';
import { NotTested } from './NotTested.tsx';
import { Profile } from './Profile.tsx';
import { OverTime } from './OverTime.tsx';
import { Verdict } from './Verdict.tsx';

export function Page({ report }: { report: Report }) {
  return (
    <>
      <Masthead report={report} />
      <main>
        <Verdict report={report} />
        <Figures report={report} />
        <Notices report={report} />
        <Profile report={report} />
        <Findings report={report} />
        <AgainstLoad report={report} />
        <AgainstRate report={report} />
        <OverTime report={report} />
        <NotTested report={report} />
        <Steps report={report} />
        <Levels report={report} />
        <Measured report={report} />
      </main>
    </>
  );
}
