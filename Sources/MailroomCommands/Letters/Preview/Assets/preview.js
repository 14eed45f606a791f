// Shows the chosen template as it is on the disk now, with the values of the editor. Everything from the server is set as
// text; the letter itself is shown in frames of its own.
"use strict";
(() => {
  const element = (id) => document.getElementById(id);
  const [chooser, editor, fault, panes, problems] = ["template", "values", "fault", "panes", "problems"].map(element);

  let name = new URLSearchParams(location.search).get("template");
  /// What the file of values, or the samples, say.
  let original = "";

  const ask = async (address, options) => {
    const answer = await fetch(address, options);
    if (!answer.ok) throw new Error((await answer.text()) || `The server answered ${answer.status}.`);
    return answer.json();
  };

  const notice = (text) => {
    element("notice").textContent = text;
    element("notice").hidden = !text;
  };

  // Edited values outlive a reload of the page, not the window.

  const edits = {
    get: (of) => { try { return sessionStorage.getItem(`values:${of}`); } catch { return null; } },
    set: (of, text) => { try { sessionStorage.setItem(`values:${of}`, text); } catch { /* they stay in the editor */ } },
    forget: (of) => { try { sessionStorage.removeItem(`values:${of}`); } catch { /* there are none */ } },
  };

  // Templates

  const showTemplates = async () => {
    const { templates, problems, place } = await ask("/templates");
    const names = templates.map((template) => template.name);
    name ??= names[0] ?? null;
    // One that was chosen stays chosen, though it may be broken beyond knowing its name.
    if (name !== null && !names.includes(name)) templates.push({ name, isBroken: true });
    const options = templates.map(({ name: each, isBroken }) => {
      const option = new Option(isBroken ? `${each} (broken)` : each, each, false, each === name);
      return option;
    });
    const key = (list) => [...list].map((option) => `${option.value}\n${option.text}`).join("\n\n");
    if (key(options) !== key(chooser.options)) chooser.replaceChildren(...options);
    chooser.value = name ?? "";
    element("place").textContent = place ?? "the templates that come with this program";
    notice(problems.join("\n") || (names.length ? "" : "There are no templates here yet: a file NAME.md is one."));
    document.title = name === null ? "Mailroom: templates" : `${name} – Mailroom`;
  };

  const showValues = async () => {
    if (name === null) return;
    const of = name;
    const { text, source } = await ask(`/values?template=${encodeURIComponent(of)}`);
    if (of !== name) return;
    const edited = edits.get(of);
    original = text;
    if (edited === null || edited === text) edits.forget(of);
    const shown = edits.get(of) ?? text;
    if (editor.value !== shown) editor.value = shown;
    element("source").textContent = source;
    element("reset").hidden = edits.get(of) === null;
  };

  // The letter

  let asked = 0;
  const render = async () => {
    if (name === null) return;
    const number = ++asked;
    const answer = await ask(`/render?template=${encodeURIComponent(name)}`, { method: "POST", body: editor.value });
    if (number !== asked) return;
    editor.setAttribute("aria-invalid", Boolean(answer.fault));
    fault.textContent = answer.fault ?? "";
    panes.classList.toggle("stale", Boolean(answer.fault));
    if (answer.fault) return;
    showProblems(answer.problems ?? []);
    if (!answer.problems) showLetter(answer);
  };

  const make = (tag, text, ...children) => {
    const made = document.createElement(tag);
    if (text !== null) made.textContent = text;
    made.append(...children);
    return made;
  };

  const showProblems = (list) => {
    problems.hidden = list.length === 0;
    panes.hidden = element("envelope-line").hidden = list.length > 0;
    if (list.length === 0) { problems.replaceChildren(); return; }
    const items = list.map(({ text, lines }) => {
      const item = make("li", null, make("p", text));
      const excerpt = lines.map((line) =>
        make("li", null, make("span", String(line.number)), make("code", line.text || " ")));
      if (excerpt.length) item.append(make("ol", null, ...excerpt));
      return item;
    });
    problems.replaceChildren(make("h2", "This letter cannot be made"), make("ul", null, ...items));
  };

  const showLetter = ({ subject, edition, text, html, pdf, pdfName }) => {
    element("subject").textContent = subject ?? "";
    element("edition").textContent = `edition ${edition}`;
    const pre = element("text");
    if (pre.textContent !== (text ?? "")) {
      const { scrollTop, scrollLeft } = pre;
      pre.textContent = text ?? "";
      [pre.scrollTop, pre.scrollLeft] = [scrollTop, scrollLeft];
    }
    showFrame(element("html"), html, "The HTML mail", ["This template makes no HTML."]);
    const remedy = ["This template makes no PDF. Add a line to its front matter: ", make("code", `attachment: ${name}.pdf`)];
    showFrame(element("pdf"), pdf, "The PDF", remedy);
    const link = element("pdf-link");
    link.hidden = !pdf;
    if (pdf) [link.href, link.textContent] = [pdf, pdfName ?? "open"];
    else link.removeAttribute("href");
  };

  /// Puts what is at an address into a frame's place once it is there, scrolled to where the old one was.
  const showFrame = (place, address, title, absence) => {
    if (place.dataset.address === (address ?? "none")) return;
    place.dataset.address = address ?? "none";
    if (!address) { place.replaceChildren(make("p", null, ...absence)); return; }
    for (const waiting of place.querySelectorAll(".next")) waiting.remove();
    const [old] = place.children;
    const frame = document.createElement("iframe");
    frame.title = title;
    if (place.id === "html") frame.sandbox = "allow-same-origin allow-popups allow-popups-to-escape-sandbox";
    frame.src = place.id === "pdf" ? `${address}#navpanes=0&view=FitH` : address;
    if (old) frame.className = "next";
    frame.addEventListener("load", () => {
      if (old && frame.isConnected) {
        try {
          frame.contentWindow.scrollTo(old.contentWindow.scrollX, old.contentWindow.scrollY);
        } catch { /* A PDF's reader does not tell. */ }
        for (const other of [...place.children]) if (other !== frame) other.remove();
        frame.className = "";
      }
    }, { once: true });
    place.append(frame);
  };

  // What happens

  const attempt = async (...steps) => {
    try {
      for (const step of steps) await step();
    } catch (error) {
      notice(error instanceof TypeError ? "The preview does not answer. Start mailroom preview again." : error.message);
    }
  };

  const refresh = () => attempt(showTemplates, showValues, render);

  let typing;
  editor.addEventListener("input", () => {
    edits.set(name, editor.value);
    element("reset").hidden = editor.value === original;
    clearTimeout(typing);
    typing = setTimeout(() => attempt(render), 120);
  });

  element("reset").addEventListener("click", () => {
    edits.forget(name);
    editor.value = original;
    element("reset").hidden = true;
    editor.focus();
    attempt(render);
  });

  chooser.addEventListener("change", () => {
    name = chooser.value;
    history.replaceState(null, "", `?template=${encodeURIComponent(name)}`);
    refresh();
  });

  const enlarge = (only) => {
    if (!only || panes.dataset.only === only) delete panes.dataset.only;
    else panes.dataset.only = only;
    for (const button of panes.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", button.closest(".pane").dataset.pane === panes.dataset.only);
    }
  };
  for (const button of panes.querySelectorAll("button")) {
    button.addEventListener("click", () => enlarge(button.closest(".pane").dataset.pane));
  }

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const only = { 0: "", 1: "text", 2: "html", 3: "pdf" }[event.key];
    if (only !== undefined) enlarge(only);
    else if (event.key === "v") editor.focus();
    else return;
    event.preventDefault();
  });

  const events = new EventSource("/events");
  events.onopen = () => { element("live").hidden = false; refresh(); };
  events.onerror = () => { element("live").hidden = true; };
  events.addEventListener("change", refresh);
})();
