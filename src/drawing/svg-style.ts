/** The look of a diagram, in its own names, so that it can stand in any page. */
export const STYLE = `
.pic{--pp:#fff;--pi:#1c2126;--ps:#5b646e;--pl:#a9b0b8;--pb:#d5d8dc;--pf:#f6f6f4;
--pg:#19733f;--pgb:#e6f4ea;--pr:#b0281f;--prb:#fcebe9;--pt:#28579b;--ptb:#e8f0fb;--pw:#855c00;--pwb:#fdf3d7;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media screen and (prefers-color-scheme:dark){.pic{
--pp:#1a1e22;--pi:#e7e5e1;--ps:#9ba4ae;--pl:#5d666f;--pb:#3a4149;--pf:#21262b;
--pg:#6fcf93;--pgb:#16301f;--pr:#ff9a90;--prb:#3a1c1a;--pt:#8fb8f5;--ptb:#18273e;--pw:#e6bd5a;--pwb:#33290f}}
.pic-paper{fill:var(--pp)}
.pic rect{fill:var(--pp);stroke:var(--pb);stroke-width:1.25}
.pic .pic-paper{stroke:none}
.pic-work rect{fill:var(--pf)}
.pic-label{font-size:13.5px;font-weight:600;fill:var(--pi)}
.pic-note{font-size:11.5px;fill:var(--ps)}
.pic-good{--pc:var(--pg);--pcb:var(--pgb)}.pic-bad{--pc:var(--pr);--pcb:var(--prb)}
.pic-turn{--pc:var(--pt);--pcb:var(--ptb)}.pic-warn{--pc:var(--pw);--pcb:var(--pwb)}
.pic-good rect,.pic-bad rect,.pic-turn rect,.pic-warn rect{stroke:var(--pc)}
.pic-bad rect,.pic-warn rect{fill:var(--pcb)}
.pic-verdict.pic-good rect,.pic-verdict.pic-turn rect,.pic-work.pic-turn rect{fill:var(--pcb)}
.pic-verdict .pic-label{fill:var(--pc,var(--pi))}
.pic-faint rect{fill:var(--pp);stroke:var(--pb);stroke-dasharray:3 3}
.pic-faint .pic-label{fill:var(--ps);font-weight:500}
.pic-seal{fill:var(--pcb)}.pic-bad .pic-seal,.pic-warn .pic-seal{fill:var(--pp)}
.pic-mark{fill:var(--pc);font-size:12px;font-weight:700}
.pic-end{fill:var(--ps)}
.pic-onward path,.pic-failure path{fill:none;stroke:var(--pl);stroke-width:1.25}
.pic-failure path{stroke-dasharray:4 4}
.pic-onward .pic-head,.pic-failure .pic-head{fill:var(--pl);stroke:none}
.pic-taken path{stroke:var(--pi);stroke-width:2.25}
.pic-taken .pic-head{fill:var(--pi)}
`.replaceAll('\n', '');
