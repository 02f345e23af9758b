"""Words and patterns by which pages that are no article give themselves away: types, classes, paths, then phrases.

Phrases are the last resort: they are compared with titles and headings of pages without prose only.
"""

from __future__ import annotations

import re

ARTICLE = re.compile(r"article|blogposting|reportage|report$|review$|recipe|obituary|interview|^howto$|podcast|quotation|"
                      r"liveblog|discussionforum|qapage|faqpage|transcript|legislation|creativework$|^news$", re.I)  # fmt: skip
COLLECTIONS = {"collectionpage", "searchresultspage"}
LISTS = {"itemlist", "blog", "profilepage", "person"}
PRODUCTS = {"product", "og:product", "product.item", "product.group", "productgroup", "individualproduct", "offer"}
GALLERIES = {"imagegallery", "mediagallery", "imageobject"}
VIDEOS = {"videoobject", "videogallery", "video", "clip", "tvepisode", "tvseries", "movie"}

ARCHIVES = {"archive", "category", "tag", "taxonomy", "post-type-archive", "author", *COLLECTIONS}
FRONTS = {"home", "blog", "front-page", "frontpage", "homepage", "page-home", "path-frontpage", "section-front"}
SEARCHES = {"search-results", "search-no-results"}
ONE_CLASSES = re.compile(
    r"^(?:single|singular|article|post|story)(?:$|[-_])|^(?:page-id|postid|node-type-(?:article|page|story))|^page$"
)

ERROR_CLASS = re.compile(
    r"(?:^|\s)(?:page-?|is-?|http-?|status-?)?(?:error-?_?(?:404|page|50\d)|404|not-?found|four-oh-four)(?:$|[\s_-])",
    re.I,
)
ERROR_PATH = re.compile(
    r"(?:^|/)(?:404|403|410|50\d|error|errors?-?(?:404|page)|not-?found|page-?not-?found)(?:\.\w+)?/?$", re.I
)
ERROR_NUMBER = re.compile(r"^\W*(?:(?:http|error|errore?|erreur|fehler|hata|ошибка|błąd|chyba|fout|fel|feil|virhe|エラー|错误)\W*)*"
                           r"(?:40[013489]|410|429|451|50[0-4]|52\d)\b(?!\s*\w+\s+\w+\s+\w+\s+\w+\s+\w+)", re.I)  # fmt: skip
ERROR = re.compile(
    r"(?:page|site|document|file|article|content)\s+(?:you\S*(?:\s+\S+){2,5}\s+)?(?:cannot|can['’]t|(?:could|was|is|does)(?:n['’]t|\s+not)|no longer|not)\s+"
    r"(?:be\s+)?(?:found|exists?|available)|^(?:\W*(?:error|oops|sorry))*\W*not found\W*$|seite\s+(?:wurde\s+)?(?:leider\s+)?nicht\s+(?:gefunden|verfügbar)|"
    r"page\s+(?:introuvable|non\s+trouvée|inexistante)|p[áa]gina\s+(?:no|não|non)\s+(?:encontrada|existe|trovata|disponible|disponível)|"
    r"pagina\s+(?:niet\s+gevonden|nu\s+a\s+fost)|siden?\s+(?:ble\s+|blev\s+)?(?:ikke\s+(?:blev\s+)?(?:funnet|fundet))|sidan\s+(?:kunde\s+inte\s+)?(?:hittades\s+inte|hittas)|"
    r"sivua\s+ei\s+löy|страниц\w*\s+не\s+(?:найден|существует)|сторінк\w+\s+не\s+(?:знайдено|існує)|nie\s+(?:znaleziono|odnaleziono)|strona\s+nie\s+istnieje|"
    r"stránka\s+(?:nebyla\s+nalezena|nenalezena|neexistuje)|sayfa\s+bulunamadı|az\s+oldal\s+nem\s+található|(?:η\s+)?σελίδα\s+δεν\s+βρέθηκε|"
    r"الصفحة\s+(?:غير\s+موجودة|المطلوبة)|لم\s+يتم\s+العثور|页面(?:不存在|未找到|没有找到|找不到)|找不到(?:页面|頁面|网页|網頁)|頁面不存在|ページが?(?:見つかりません|存在しません)|"
    r"페이지를\s+찾을\s+수|halaman\s+tidak\s+ditemukan|không\s+tìm\s+thấy\s+trang|trang\s+không\s+tồn\s+tại|ไม่พบหน้า|पृष्ठ\s+नहीं\s+मिला|"
    r"^\W*access\s+denied|^\W*forbidden\W*$|service\s+(?:temporarily\s+)?unavailable|bad\s+gateway|internal\s+server\s+error|gateway\s+time-?out|zugriff\s+verweigert|"
    r"acc[eè]s\s+(?:refusé|interdit)|acceso\s+denegado|acesso\s+negado|accesso\s+negato|доступ\s+запрещ[её]н|访问被拒绝",
    re.I,
)  # fmt: skip
CHALLENGE = re.compile(r"cf-chl|challenge-(?:form|platform|running|error)|cf-browser-verification|captcha-delivery|px-captcha|"
                        r"_incapsula_resource|awswaf|distil_|ddos-guard|sgcaptcha|geetest|perfdrive", re.I)  # fmt: skip
ROBOT = re.compile(r"just a moment|attention required|are you (?:a )?(?:human|robot)|verify (?:that )?you are (?:a )?human|captcha|"
                    r"bot (?:verification|detection)|robot check|security check|checking your browser|pardon our interruption|"
                    r"nur einen moment|un momento|un instant|один момент|я не робот|не робот|人机验证|安全验证|真人驗證|ロボットでは", re.I)  # fmt: skip
CONSENT = re.compile(r"\bcookies?\b|consent|datenschutz|einwillig|zustimm|privacy|tracking|kjak|cookie[-\s]?(?:wall|richtlinie)|samtyk|"
                      r"samtyck|toestemming|confidentialité|consentimiento|consentimento|consenso|evästei|soubor[yů] cookie|zgod[aęy]|"
                      r"согласи|куки|クッキー|쿠키|同意|çerez|ملفات تعريف|iab\b", re.I)  # fmt: skip
LOGIN = re.compile(r"(?:^|[/\W_])(?:log-?_?\s?in|sign-?_?\s?in|sign-?_?\s?up|signin|register|registrieren|anmelden|anmeldung|connexion|"
                    r"se connecter|inscription|accedi|acceder|iniciar sesi[óo]n|entrar|inloggen|logga in|logg inn|kirjaudu|zaloguj|logowanie|"
                    r"přihlás\w*|войти|вход|увійти|giriş|登录|登入|ログイン|로그인|تسجيل الدخول|đăng nhập)(?:$|[/\W_])", re.I)  # fmt: skip
LIST_SEGMENT = re.compile(r"^(?:tags?|categor(?:y|ies)|kategorien?|kategoria|categoria|catégorie|author|authors|autor(?:en|es)?|auteur|topics?|"
                           r"themen?|thema|rubrik|rubrique|archiv(?:e|es|o|io)?|schlagwort|etiket(?:a|t)?|label|section)$", re.I)  # fmt: skip
SEARCH_SEGMENT = re.compile(r"^(?:search|suche|suchen?|recherche|buscar|busca|busqueda|ricerca|cerca|zoeken|hledat|szukaj|sok|søg|haku|poisk|arama)"
                             r"(?:\.\w+)?$", re.I)  # fmt: skip
SEARCH_KEYS = {"s", "q", "query", "search", "suche", "keyword", "keywords", "searchterm", "search_query", "text"}
HOME = re.compile(
    r"^(?:(?:[a-z]{2}(?:[-_][a-z]{2})?)?|(?:index|default|home|main|start)(?:\.\w+)?|(?:[a-z]{2}/)?(?:index|home)(?:\.\w+)?)$",
    re.I,
)
GALLERY = re.compile(r"galler|galer[iy]|fotostrecke|bilderstrecke|bildergal|diaporama|slide-?show|fotogaler|photos?(?:$|[-_/\s])|"
                      r"lightbox|фотогалере|フォト|图集|圖集|포토", re.I)  # fmt: skip
CART = re.compile(
    r"add[-_]?to[-_]?(?:cart|basket|bag)|addtocart|buy[-_]?now|single_add_to_cart|in-den-warenkorb|ajouter-au-panier",
    re.I,
)
