// What the page gains where scripts run: it follows along, moves from mail to mail without losing its place, shows times
// as the reader's clock has them, and is used from the keyboard.
"use strict";
(() => {
  const prefix = document.body.dataset.prefix;
  const list = document.getElementById("list");
  const main = document.getElementById("main");
  const live = document.getElementById("live");
  const search = document.querySelector(".search input");
  const keys = document.getElementById("keys");
  let title = document.title;

  const localTimes = (root) => {
    const today = new Date().toDateString();
    for (const element of root.querySelectorAll("time[datetime]")) {
      const time = new Date(element.dateTime);
      if (isNaN(time)) continue;
      element.textContent = !element.closest(".mails")
        ? time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })
        : time.toDateString() === today
          ? time.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
          : time.toLocaleDateString(undefined, { day: "numeric", month: "short" });
      element.title = time.toLocaleString();
    }
  };

  const showTitle = () => {
    const unread = Number(list.querySelector("[data-unread]")?.dataset.unread ?? 0);
    document.title = unread > 0 ? `(${unread}) ${title}` : title;
  };

  // The list

  const ids = () => new Set([...list.querySelectorAll("[data-id]")].map((item) => item.dataset.id));

  const showCurrent = () => list.querySelector("[aria-current]")?.closest("li").scrollIntoView({ block: "nearest" });

  const showList = (markup, marksNew) => {
    const known = ids();
    const focused = list.contains(document.activeElement)
      ? document.activeElement.closest("[data-id]")?.dataset.id : undefined;
    const isOpen = list.querySelector("details")?.open;
    list.innerHTML = markup;
    for (const item of list.querySelectorAll("[data-id]")) {
      if (marksNew && !known.has(item.dataset.id)) item.classList.add("fresh");
      if (item.dataset.id === focused) item.querySelector("a").focus({ preventScroll: true });
    }
    const details = list.querySelector("details");
    if (isOpen && details) details.open = true;
    localTimes(list);
    showTitle();
  };

  /// The words beside the list, as long as nobody has gone anywhere.
  const refreshWelcome = async (address, number) => {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("main");
    if (!found || address !== location.href || number !== visits) return;
    main.replaceChildren(...found.childNodes);
    document.body.className = page.body.className;
  };

  let visits = 0;
  let isRefreshing = false, isStale = false;
  const refresh = async (marksNew = true) => {
    if (isRefreshing) { isStale = true; return; }
    isRefreshing = true;
    const [address, number] = [location.href, visits];
    try {
      const query = new URLSearchParams(location.search);
      for (const name of ["part", "remote"]) query.delete(name);
      if (document.body.dataset.selected) query.set("selected", document.body.dataset.selected);
      const answer = await fetch(`${prefix}/list?${query}`);
      const markup = answer.ok ? await answer.text() : undefined;
      // Whoever has gone elsewhere meanwhile has a newer list.
      if (markup === undefined || address !== location.href || number !== visits) return;
      showList(markup, marksNew);
      if (main.querySelector(".welcome") && !document.body.dataset.selected) await refreshWelcome(address, number);
    } catch { /* The server is away; the event stream tells when it is back. */ } finally {
      isRefreshing = false;
      if (isStale) { isStale = false; setTimeout(refresh, 150); }
    }
  };

  // Going from page to page

  const showProblem = (text) => {
    const note = document.createElement("p");
    note.className = "note failed";
    note.setAttribute("role", "alert");
    note.textContent = text;
    main.querySelector(".problem")?.remove();
    note.classList.add("problem");
    main.prepend(note);
    main.scrollTop = 0;
  };

  const visit = async (url, { push = true, form, keepsFocus = false } = {}) => {
    const number = ++visits;
    const options = form ? { method: "POST", body: new URLSearchParams(new FormData(form)) } : {};
    let answer;
    try {
      answer = await fetch(url, options);
    } catch {
      showProblem("The server does not answer.");
      return;
    }
    const text = await answer.text();
    if (number !== visits) return;
    const page = new DOMParser().parseFromString(text, "text/html");
    const found = page.getElementById("main");
    if (!found) { showProblem(text || `The server answered ${answer.status}.`); return; }
    if (push && answer.url !== location.href) history.pushState(null, "", answer.url);
    title = page.title;
    document.body.className = page.body.className;
    document.body.dataset.selected = page.body.dataset.selected;
    main.replaceChildren(...found.childNodes);
    main.scrollTop = 0;
    if (document.body.classList.contains("reading") && matchMedia("(max-width: 56rem)").matches) scrollTo(0, 0);
    const aside = page.querySelector("a.aside");
    const link = document.querySelector("a.aside");
    if (aside?.hasAttribute("aria-current")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    showList(page.getElementById("list").innerHTML, false);
    if (document.activeElement !== search) search.value = page.querySelector(".search input").value;
    localTimes(main);
    showCurrent();
    // What had the focus may be gone: who uses keys or a screen reader goes on where the new page begins.
    if (!keepsFocus) main.focus({ preventScroll: true });
  };

  const isOwn = (link) =>
    link.origin === location.origin && !link.target && !link.hasAttribute("download")
    && !link.pathname.startsWith(`${prefix}/api/`) && !/\/part\/\d+$/.test(link.pathname) && !link.hash;

  addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !isOwn(link)) return;
    event.preventDefault();
    visit(link.href);
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    event.preventDefault();
    if (form.method === "post") visit(form.action, { form });
    else visit(`${form.action}?${new URLSearchParams(new FormData(form))}`);
  });
  addEventListener("popstate", () => visit(location.href, { push: false }));

  // Searching while typing

  let typing;
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      const query = new URLSearchParams(location.search);
      for (const name of ["part", "remote", "start", "q"]) query.delete(name);
      if (search.value) query.set("q", search.value);
      if (document.querySelector("a.aside[aria-current]")) {
        visit(`${prefix}/?${query}`, { keepsFocus: true });
        return;
      }
      history.replaceState(null, "", `${location.pathname}${query.size ? "?" : ""}${query}`);
      refresh(false);
    }, 150);
  });

  // Following along

  const events = new EventSource(`${prefix}/events`);
  let wasOpen = false;
  events.onopen = () => { live.hidden = false; if (wasOpen) refresh(); wasOpen = true; };
  events.onerror = () => { live.hidden = true; };
  events.addEventListener("change", () => refresh());

  // Keys

  const step = (by) => {
    const links = [...list.querySelectorAll(".mails a")];
    const current = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[current + by] ?? (current < 0 ? links[0] : undefined);
    if (next) { next.focus({ preventScroll: true }); visit(next.href, { keepsFocus: true }); }
    else if (current >= 0) {
      const pages = [...list.querySelectorAll(".pager a")];
      const page = pages.find((link) => link.textContent.includes(by > 0 ? "›" : "‹"));
      if (page) visit(page.href);
    }
  };

  const actions = {
    j: () => step(1),
    k: () => step(-1),
    "/": async () => {
      // On a phone the list, and the search with it, gives way to what is read.
      if (!search.offsetParent) await actions.u();
      search.focus();
      search.select();
    },
    u: () => visit(`${prefix}/${new URL(main.querySelector(".back")?.href ?? location.href).search}`),
    d: () => document.getElementById("delete")?.click(),
    r: () => {
      const release = document.getElementById("release");
      if (release) { release.open = true; release.querySelector("input").focus(); }
    },
    "?": () => keys.showModal(),
  };

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const tab = /^[1-9]$/.test(event.key) ? main.querySelectorAll(".tabs a")[event.key - 1] : undefined;
    if (tab) visit(tab.href);
    else if (Object.hasOwn(actions, event.key)) actions[event.key]();
    else return;
    event.preventDefault();
  });

  const help = document.getElementById("help");
  help.hidden = false;
  help.addEventListener("click", () => keys.showModal());

  localTimes(document);
  showTitle();
  showCurrent();
})();
