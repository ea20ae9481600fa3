/// The style sheet of the statement: dark on white, figures of one width, A4 and Letter.
enum StatementStyle {
  static let sheet: StaticString = """
    :root{--ink:#1c2430;--soft:#5b6675;--line:#d9dee5;--wash:#f5f7f9;--good:#1d6b3f;--bad:#a3201d;--mild:#8a5a00}
    *{box-sizing:border-box}
    html{background:#fff;color:var(--ink);font:15px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums lining-nums}
    body{margin:0 auto;max-width:64rem;padding:2rem 1.5rem 3rem}
    h1{font-size:1.7rem;line-height:1.2;font-weight:650;margin:0}
    h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:2px solid var(--ink)}
    h3{font-size:1rem;margin:1.2rem 0 .4rem}
    p{margin:.4rem 0}
    .over{color:var(--soft);font-size:.85rem;letter-spacing:.04em;text-transform:uppercase;margin:0 0 .2rem}
    .answer{border:1px solid var(--line);border-left:6px solid var(--soft);background:var(--wash);padding:1rem 1.25rem;margin:1.2rem 0}
    .answer.plain{border-left-color:var(--soft)}.answer.good{border-left-color:var(--good)}.answer.bad{border-left-color:var(--bad)}.answer.mild{border-left-color:var(--mild)}
    .answer .word{font-size:1.35rem;font-weight:650;margin:0 0 .2rem}
    .answer.good .word{color:var(--good)}.answer.bad .word{color:var(--bad)}.answer.mild .word{color:var(--mild)}
    .answer ul{margin:.5rem 0 0;padding-left:1.2rem}
    .tag{display:inline-block;border:1px solid currentColor;border-radius:3px;padding:0 .4em;font-size:.82rem;font-weight:600;white-space:nowrap;color:var(--soft)}
    .tag.plain{color:var(--soft)}.tag.good{color:var(--good)}.tag.bad{color:var(--bad)}.tag.mild{color:var(--mild)}
    .wide{overflow-x:auto}
    table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.9rem}
    th,td{padding:.3rem .7rem .3rem 0;text-align:left;vertical-align:top}
    th{font-weight:600;color:var(--soft);border-bottom:1px solid var(--ink);font-size:.82rem;white-space:nowrap}
    td{border-bottom:1px solid var(--line)}
    tfoot td{border-top:1px solid var(--ink);border-bottom:3px double var(--ink);font-weight:600}
    th.n,td.n{text-align:right;white-space:nowrap}
    td.zero{color:#76808d}
    td.code{white-space:nowrap}
    .equation{width:auto;min-width:22rem;font-size:.95rem}
    .equation td{border:0;padding:.08rem 1.2rem .08rem 0}
    .equation td.n{min-width:5rem;padding-right:0}
    .equation tr.sum td{border-top:1px solid var(--ink);font-weight:650}
    .equation tr.gap td{color:var(--bad);font-weight:650}
    .equation .sign{color:var(--soft);width:1.4rem;padding-right:.4rem;text-align:right}
    .party{border:1px solid var(--line);padding:.2rem 1.1rem .6rem;margin:1rem 0}
    .head{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:baseline;font-weight:650;padding:.5rem 0 .2rem}
    .head .who{color:var(--soft);font-weight:400;font-size:.88rem}
    summary{cursor:pointer}
    summary .head{display:inline-flex}
    .note{color:var(--soft);font-size:.88rem}
    dl{display:grid;grid-template-columns:minmax(8rem,12rem) 1fr;gap:.25rem 1rem;font-size:.9rem}
    dt{font-weight:600}dd{margin:0}
    @media print{
    @page{margin:16mm 14mm}
    html{font-size:10pt}body{max-width:none;padding:0}
    h2{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}
    .answer,.tag{-webkit-print-color-adjust:exact;print-color-adjust:exact}
    .wide{overflow:visible}
    details::details-content{content-visibility:visible;block-size:auto}
    table{font-size:8pt}th{font-size:7.5pt}th,td{padding-right:.45rem}
    .equation{font-size:9pt;break-inside:avoid}
    }
    """
}
