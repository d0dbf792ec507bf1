import time, json, pathlib
import pytest
from web.tour import KINDS
pytest_plugins = ["web.browser","web.tour"]
AXE=pathlib.Path("/work/main/.venv/axe/node_modules/axe-core/axe.min.js").read_text()
def test_x(visiting, tour):
    out={}
    for l in ("en","ko"):
      for kind in KINDS:
        with visiting(l, bypass_csp=True) as v:
            v.allowed={404}
            t=time.time(); v.go(tour.at[kind]); a=time.time()-t
            v.page.add_script_tag(content=AXE)
            row=[round(a,1)]
            for dark in (False,True):
              v.page.emulate_media(color_scheme="dark" if dark else "light")
              for width in (1100,390):
                v.page.set_viewport_size({"width":width,"height":900})
                t=time.time(); v.settle(); b=time.time()-t
                t=time.time(); found=v.page.evaluate("axe.run(document,{resultTypes:['violations']})"); c=time.time()-t
                t=time.time(); v.page.screenshot(path=v.pictures/f"{kind}-{l}-{'dark' if dark else 'light'}-{width}.png",full_page=True); d=time.time()-t
                row.append((round(b,1),round(c,1),round(d,1),v.spare()))
                for x in found["violations"]:
                    out.setdefault((kind,x["id"],x["impact"]),[]).append((l,dark,width,[n["html"][:140]+" @ "+str(n["target"]) for n in x["nodes"][:3]]))
            print(l,kind,row, v.troubles, flush=True); v.troubles=[]
    for k,vv in out.items(): print(k,len(vv),vv[0])
