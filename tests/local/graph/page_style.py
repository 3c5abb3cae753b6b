"""The calendar pages' style sheet."""

CSS = """
:root{--ink:#242424;--soft:#616161;--line:#e0e0e0;--paper:#fff;--back:#f5f5f5;--blue:#0f6cbd;--tint:#e5f0fa;
  --purple:#7b5ea7;--amber:#b76e00;--pad:4px}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:14px/1.4 "Segoe UI",system-ui,-apple-system,"Helvetica Neue",
  Arial,sans-serif}
a{color:var(--blue);text-decoration:none}a:hover{text-decoration:underline}
header{display:flex;flex-wrap:wrap;align-items:center;gap:8px 16px;padding:14px 20px;background:var(--paper);
  border-bottom:1px solid var(--line)}
h1{font-size:22px;font-weight:600;margin:0;min-width:9.5em}
.who{margin-left:auto;text-align:right;line-height:1.25}.who small,.note{color:var(--soft);font-size:12px}
nav{display:flex;gap:4px}
nav a{border:1px solid var(--line);border-radius:4px;padding:4px 11px;background:var(--paper);color:var(--ink)}
nav a:hover{background:var(--tint);text-decoration:none}
main{padding:14px 20px 40px}
.names,.week{display:grid;grid-template-columns:repeat(7,minmax(0,1fr))}
.names{font-weight:600;font-size:12px;color:var(--soft);padding:0 0 4px}.names span{padding:0 8px}
.month{background:var(--paper);border:1px solid var(--line);border-radius:6px}
.week+.week{border-top:1px solid var(--line)}
.day{min-height:108px;padding:var(--pad);min-width:0}.day+.day{border-left:1px solid var(--line)}
.day.weekend{background:#fafafa}.day.outside{background:#f7f7f7;color:#9a9a9a}
.day h2{font-size:12px;font-weight:600;margin:0 0 3px;padding:1px 4px;display:inline-block}
.day h2 i{display:none;font-style:normal}
.day.today h2{background:var(--blue);color:#fff;border-radius:10px;padding:1px 8px}
details.event{position:relative;margin:0 0 2px}
summary{list-style:none;cursor:pointer;border-radius:3px;padding:1px 6px;font-size:12.5px;line-height:18px;height:20px;
  overflow:hidden;white-space:nowrap;text-overflow:ellipsis;border:1px solid transparent;
  border-left:4px solid var(--blue);background:var(--tint)}
summary::-webkit-details-marker{display:none}summary:hover{filter:brightness(.96)}
summary:focus-visible{outline:2px solid var(--blue);outline-offset:1px}
summary b{font-weight:600;margin-right:4px}
.bar summary{background:var(--blue);color:#fff;border-left-color:#0b5394}
.free summary{background:var(--paper);color:var(--ink);border:1px dashed var(--blue);
  border-left:4px solid transparent;border-image:none;
  background:linear-gradient(var(--paper),var(--paper)) padding-box,
  repeating-linear-gradient(135deg,var(--blue) 0 2px,#fff 2px 5px) border-box}
.tentative summary{background:repeating-linear-gradient(135deg,var(--tint) 0 5px,#fff 5px 9px);color:var(--ink)}
.oof summary{background:#efe9f7;border-left-color:var(--purple);color:var(--ink)}
.bar.oof summary{background:var(--purple);color:#fff}
.workingElsewhere summary{border-left-style:dotted;background:var(--paper);color:var(--ink)}
.other summary{border-left-color:var(--amber);background:#fff4e0;color:var(--ink)}
.continued summary{opacity:.62;border-left-style:dotted;font-style:italic}
.moon{color:var(--purple);font-weight:600;font-size:11px;margin-left:4px}
.bar{width:calc(var(--days)*100% + (var(--days) - 1)*(2*var(--pad) + 1px));z-index:1}
.bar.before summary{border-top-left-radius:0;border-bottom-left-radius:0;margin-left:calc(-1*var(--pad))}
.bar.onward summary{border-top-right-radius:0;border-bottom-right-radius:0;margin-right:calc(-1*var(--pad))}
.lane{height:20px;margin:0 0 2px}.lane span{display:none}
details[open]{z-index:5}
.card{position:absolute;top:24px;left:0;width:290px;max-width:84vw;background:var(--paper);color:var(--ink);
  border:1px solid #c8c8c8;border-radius:6px;box-shadow:0 6px 22px #0003;padding:12px 14px;font-size:13px}
.right .card{left:auto;right:0}
.bar.right .card{left:0;right:auto}
.card h3{margin:0 0 6px;font-size:15px;overflow-wrap:anywhere}
.card dl{display:grid;grid-template-columns:auto 1fr;gap:2px 10px;margin:0}.card dt{color:var(--soft)}
.card dd{margin:0;overflow-wrap:anywhere}
.card pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;margin:8px 0 0;padding-top:8px;
  border-top:1px solid var(--line)}
.tag{display:inline-block;border:1px solid var(--line);border-radius:9px;padding:0 8px;font-size:12px;
  background:var(--back)}
.legend{display:flex;flex-wrap:wrap;gap:6px 16px;margin-top:10px;align-items:center;font-size:12px;color:var(--soft)}
.legend details{display:inline-block;pointer-events:none;margin:0;width:auto;color:var(--ink)}
table{border-collapse:collapse;background:var(--paper);border:1px solid var(--line);border-radius:6px;width:100%;
  max-width:900px}
th,td{text-align:left;padding:8px 14px;border-bottom:1px solid var(--line)}th{font-size:12px;color:var(--soft)}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
tr:last-child td{border-bottom:0}
.state{color:#b10e1c;font-size:12px}
@media (max-width:720px){
  header{padding:12px}main{padding:10px 8px 30px}.who{margin:0;text-align:left;width:100%}
  .names{display:none}.week{display:block}.week+.week{border-top:0}
  .day{min-height:0;padding:8px 10px;border-top:1px solid var(--line)}.day+.day{border-left:0}
  .day.outside,.day.empty{display:none}
  .day h2{font-size:13px}.day h2 i{display:inline}
  summary{font-size:14px;line-height:24px;height:28px}
  .bar{width:100%}.bar.before summary,.bar.onward summary{margin:0;border-radius:3px}
  .lane{height:auto}.lane.none{display:none}
  .lane span{display:block;font-size:13px;color:var(--soft);padding:2px 6px;border-left:4px dotted var(--blue)}
  .card,.right .card,.bar.right .card{position:static;width:auto;max-width:none;box-shadow:none;margin:4px 0 6px}
  th:nth-child(3),td:nth-child(3){display:none}
}
"""
