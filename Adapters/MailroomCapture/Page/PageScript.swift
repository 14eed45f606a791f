/// What the page gains where scripts run: the list follows along, times are the reader's, keys move about.
enum PageScript {
    static let javascript = #"""
        "use strict";
        (() => {
          const { prefix, selected } = document.body.dataset;
          const list = document.getElementById("list");
          const live = document.getElementById("live");

          const localTimes = (root) => {
            for (const element of root.querySelectorAll("time[datetime]")) {
              const time = new Date(element.dateTime);
              if (isNaN(time)) continue;
              const brief = element.closest(".mails");
              const today = time.toDateString() === new Date().toDateString();
              element.textContent = !brief
                ? time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })
                : today
                  ? time.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
                  : time.toLocaleDateString(undefined, { day: "numeric", month: "short" });
              element.title = time.toLocaleString();
            }
          };

          let waiting = false, again = false;
          const refresh = async () => {
            if (waiting) { again = true; return; }
            waiting = true;
            try {
              const query = new URLSearchParams(location.search);
              query.delete("part");
              if (selected) query.set("selected", selected);
              const answer = await fetch(`${prefix}/list?${query}`);
              if (answer.ok) {
                const known = new Set([...list.querySelectorAll("[data-id]")].map((item) => item.dataset.id));
                const open = list.querySelector("details")?.open;
                list.innerHTML = await answer.text();
                for (const item of list.querySelectorAll("[data-id]")) {
                  if (!known.has(item.dataset.id)) item.classList.add("fresh");
                }
                const details = list.querySelector("details");
                if (open && details) details.open = true;
                localTimes(list);
                const any = list.querySelector("[data-id]");
                if (document.querySelector(".welcome") && !selected && Boolean(any) !== hadAny) location.reload();
              }
            } finally {
              waiting = false;
              if (again) { again = false; setTimeout(refresh, 150); }
            }
          };
          const hadAny = Boolean(list.querySelector("[data-id]"));

          const events = new EventSource(`${prefix}/events`);
          let wasOpen = false;
          events.onopen = () => { live.hidden = false; if (wasOpen) refresh(); wasOpen = true; };
          events.onerror = () => { live.hidden = true; };
          events.addEventListener("change", refresh);

          addEventListener("keydown", (event) => {
            if (event.target.matches("input, textarea") || event.ctrlKey || event.metaKey || event.altKey) return;
            const links = [...list.querySelectorAll(".mails a")];
            const current = links.findIndex((link) => link.hasAttribute("aria-current"));
            if (event.key === "j" && links[current + 1]) links[current + 1].click();
            else if (event.key === "k" && current > 0) links[current - 1].click();
            else if (event.key === "/") { event.preventDefault(); document.querySelector(".search input").focus(); }
          });

          localTimes(document);
        })();
        """#

    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5f4f"/>\
        <path d="M6 10h20v13H6z M6 10.5l10 7 10-7" fill="none" stroke="#fffefb" stroke-width="2" stroke-linejoin="round"/></svg>
        """
}
