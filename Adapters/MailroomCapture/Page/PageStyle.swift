/// The page's style sheet; all colours are named at its beginning, once for light and once for dark.
enum PageStyle {
    static let css = """
        :root {
          --ground: #f4f2ed; --sheet: #fffefb; --raised: #faf8f3; --line: #e3dfd5; --ink: #22252a; --soft: #6a6d70;
          --accent: #1f5f4f; --accent-ground: #e4eee9; --danger: #a2362a; --shadow: 0 1px 2px #3a322018, 0 6px 24px #3a32200d;
          --serif: ui-serif, "Iowan Old Style", "Palatino Linotype", Georgia, "Times New Roman", serif;
          --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
          --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
          color-scheme: light dark;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #14161a; --sheet: #1c1f24; --raised: #22262c; --line: #30353c; --ink: #e8e5de; --soft: #9aa0a6;
            --accent: #8fcdb8; --accent-ground: #23352f; --danger: #f0948a; --shadow: 0 1px 2px #0006;
          }
        }
        * { box-sizing: border-box; }
        html, body { height: 100%; margin: 0; }
        body {
          background: var(--ground); color: var(--ink); font: 15px/1.5 var(--sans);
          display: flex; flex-direction: column; -webkit-text-size-adjust: 100%;
        }
        a { color: var(--accent); text-underline-offset: .2em; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        code, pre { font-family: var(--mono); font-size: .87em; }
        h1 { font: 600 1.6rem/1.25 var(--serif); margin: 0; overflow-wrap: anywhere; }

        .top { display: flex; align-items: baseline; gap: .9rem; padding: .8rem 1.25rem .7rem; }
        .brand { font: 600 1.3rem/1 var(--serif); color: var(--ink); text-decoration: none; letter-spacing: -.01em; }
        .role, .where { color: var(--soft); font-size: .87rem; }
        .where { margin-left: auto; }
        .where b { color: var(--ink); font: 500 .9em var(--mono); }
        .live { color: var(--accent); font-size: .87rem; }
        .live::before {
          content: ""; display: inline-block; width: .5em; height: .5em; margin-right: .4em; border-radius: 50%;
          background: currentColor; vertical-align: .08em;
        }

        .split { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(19rem, 25rem) 1fr; gap: 1rem; padding: 0 1rem 1rem; }
        .side, .main { min-height: 0; min-width: 0; overflow: auto; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
        .main { display: flex; flex-direction: column; background: var(--sheet); border-radius: 12px; box-shadow: var(--shadow); }

        .search input {
          width: 100%; padding: .55rem .8rem; font: inherit; color: inherit; background: var(--sheet);
          border: 1px solid var(--line); border-radius: 10px;
        }
        .search input::placeholder { color: var(--soft); opacity: 1; }
        .search input:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
        .count { margin: .7rem .25rem .35rem; color: var(--soft); font-size: .85rem; }
        .mails { list-style: none; margin: 0; padding: 0; }
        .mails a {
          display: block; padding: .6rem .8rem; border-radius: 10px; color: inherit; text-decoration: none;
          border: 1px solid transparent;
        }
        .mails li + li { border-top: 1px solid var(--line); margin-top: 2px; padding-top: 2px; }
        .mails a:hover { background: var(--raised); }
        .mails a[aria-current] { background: var(--sheet); border-color: var(--line); box-shadow: var(--shadow); }
        .mails a[aria-current] .from { color: var(--accent); }
        .line { display: flex; gap: .6rem; align-items: baseline; }
        .from, .subject, .beginning { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .from { font-weight: 600; }
        .mails time, .beginning { color: var(--soft); font-size: .85rem; }
        .mails time { font-variant-numeric: tabular-nums; }
        .mark {
          padding: 0 .45em; border-radius: 5px; font-size: .72rem; line-height: 1.55; font-weight: 600;
          background: var(--accent-ground); color: var(--accent); white-space: nowrap;
        }
        .fresh a { animation: arrive 2.4s ease-out; }
        @keyframes arrive { from { background: var(--accent-ground); } }
        @media (prefers-reduced-motion: reduce) { .fresh a { animation: none; } }
        .pager { display: flex; justify-content: space-between; gap: 1rem; margin: .8rem .3rem; font-size: .87rem; color: var(--soft); }
        .delete-all { margin: 1rem .3rem; color: var(--soft); font-size: .87rem; }
        .delete-all summary { cursor: pointer; width: max-content; }
        .delete-all form { margin-top: .5rem; }

        button, .button {
          display: inline-block; padding: .35rem .8rem; font: inherit; font-size: .87rem; line-height: 1.4; color: var(--ink);
          background: transparent; border: 1px solid var(--line); border-radius: 8px; text-decoration: none; cursor: pointer;
          white-space: nowrap;
        }
        button:hover, .button:hover { background: var(--raised); border-color: var(--soft); }
        .danger { color: var(--danger); border-color: currentColor; }

        .mail { flex: 1 0 auto; display: flex; flex-direction: column; }
        .head, .tabs, .files, .note { flex: none; }
        .head { padding: 1.4rem 1.6rem 1rem; }
        .actions { float: right; display: flex; gap: .5rem; margin: 0 0 .5rem 1rem; }
        .actions form { margin: 0; }
        .back { display: none; margin-right: auto; padding: .35rem 0; text-decoration: none; }
        .who { margin: .8rem 0 0; font-size: .93rem; }
        .who div { display: flex; gap: .75rem; }
        .who dt { flex: 0 0 7.2rem; color: var(--soft); }
        .who dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
        .tabs { display: flex; gap: .25rem; padding: 0 1.6rem; border-bottom: 1px solid var(--line); overflow-x: auto; scrollbar-width: none; }
        .tabs a {
          padding: .5rem .75rem; margin-bottom: -1px; color: var(--soft); text-decoration: none; white-space: nowrap;
          border-bottom: 2px solid transparent;
        }
        .tabs a:hover { color: var(--ink); }
        .tabs a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }
        .tabs a:focus-visible { outline-offset: -3px; }

        .letter, .pdf { flex: 1 0 auto; width: 100%; min-height: 26rem; border: 0; background: #fff; color-scheme: light; }
        .letter { border-bottom: 1px solid var(--line); }
        .note { margin: 0; padding: .55rem 1.6rem; color: var(--soft); font-size: .83rem; }
        .paper { flex: 1; margin: 0; padding: 1.3rem 1.6rem; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.6; }
        .source { font-size: .8rem; }
        .files { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; padding: .7rem 1.6rem; border-bottom: 1px solid var(--line); }
        .file { padding: .3rem .7rem; border-radius: 8px; text-decoration: none; font-size: .87rem; overflow-wrap: anywhere; }
        .file[aria-current] { background: var(--accent-ground); }
        .files .button:first-of-type, .file + .button { margin-left: auto; }

        .fields { margin: 0; padding: .4rem 1.6rem 1.4rem; font: .84rem/1.55 var(--mono); }
        .fields div { display: grid; grid-template-columns: 15rem 1fr; gap: 1rem; padding: .45rem 0; border-bottom: 1px solid var(--line); }
        .fields dt { color: var(--accent); overflow-wrap: anywhere; }
        .fields dd { margin: 0; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
        .decoded { display: block; color: var(--soft); font-family: var(--sans); }
        .decoded::before { content: "reads "; font-size: .85em; opacity: .8; }

        .parts { list-style: none; margin: 0; padding: .6rem 1.6rem 1.4rem; }
        .parts li { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1rem; padding: .55rem 0; border-bottom: 1px solid var(--line); }
        .type { flex: 0 0 15rem; font: .84rem var(--mono); color: var(--soft); overflow-wrap: anywhere; }
        .what { flex: 1; min-width: 12rem; overflow-wrap: anywhere; color: var(--soft); }
        .depth1 { padding-left: 1.2rem !important; } .depth2 { padding-left: 2.4rem !important; }
        .depth3 { padding-left: 3.6rem !important; } .depth4 { padding-left: 4.8rem !important; }
        .depth5 { padding-left: 6rem !important; }

        .welcome { margin: auto; padding: 3rem 1.5rem; max-width: 36rem; text-align: center; color: var(--soft); }
        .welcome h1 { color: var(--ink); margin-bottom: .5rem; }
        .welcome p { margin: .4rem 0; }
        .welcome pre { display: inline-block; margin: .6rem 0 0; padding: .6rem .9rem; background: var(--raised); border: 1px solid var(--line); border-radius: 8px; text-align: left; white-space: pre-wrap; color: var(--ink); }
        .envelope {
          width: 84px; height: 56px; margin: 0 auto 1.6rem; border: 1.5px solid var(--soft); border-radius: 6px; opacity: .7;
          background:
            linear-gradient(to top right, transparent calc(50% - .8px), var(--soft) 50%, transparent calc(50% + .8px)) 0 0 / 50% 62% no-repeat,
            linear-gradient(to top left, transparent calc(50% - .8px), var(--soft) 50%, transparent calc(50% + .8px)) 100% 0 / 50% 62% no-repeat;
        }

        @media (max-width: 56rem) {
          html, body { height: auto; }
          body { min-height: 100dvh; }
          .top { padding: .8rem 1rem .6rem; flex-wrap: wrap; row-gap: .1rem; }
          .role { display: none; }
          .split { display: block; padding: 0 .6rem .6rem; }
          .side, .main { overflow: visible; }
          .browsing .main { display: none; }
          .browsing.empty .main { display: flex; margin-top: .8rem; }
          .reading .side { display: none; }
          .reading .main { min-height: calc(100dvh - 4rem); }
          .head { padding: .8rem 1rem; }
          .actions { float: none; margin: 0 0 .7rem; }
          .back { display: block; }
          h1 { font-size: 1.35rem; }
          .who div { display: block; margin-bottom: .35rem; }
          .who dt { font-size: .8rem; line-height: 1.2; }
          .tabs { padding: 0 .5rem; }
          .note, .files, .paper { padding-left: 1rem; padding-right: 1rem; }
          .letter, .pdf { min-height: 75dvh; }
          .fields, .parts { padding: .2rem 1rem 1rem; }
          .fields div { display: block; }
          .type { flex-basis: 100%; }
        }
        @media print { .side, .top, .actions, .tabs { display: none; } .split { display: block; } .main { box-shadow: none; } }
        """
}
