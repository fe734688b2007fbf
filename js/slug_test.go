package js

import (
	"strings"
	"testing"
)

func TestSlug(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"/home/me/My Shop": "my-shop", "/x/a__b..c": "a-b-c", `/x/2024`: "2024", "/": "miniboss",
		// Accents go, however the system writes them.
		"/x/Ünïcode-proj": "unicode-proj", "/x/-Über-1-": "uber-1", "/x/a\u0308o\u0308": "ao", "/x/ｓｈｏｐ": "shop",
		// What no letter of a hostname says.
		"/x/数据": "miniboss-5440f7", "/x/資料": "miniboss-58e891", "/x/магазин": "miniboss-8a1e74", "/x/...": "miniboss-ab5df6", "/x/-": "miniboss-3973e0",
		"/x/🚀": "miniboss-ebbc0b", "/x/🚀-app": "app",
		"/x/shop-資料": "shop-85067e", "/x/shop-数据": "shop-a26620", "/x/straße": "stra-e-787f47",
		"/x/" + strings.Repeat("long-", 50): strings.Repeat("long-", 7) + "long-a5c5f0",
	} {
		got := slug(dir)
		if got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
		if !groupPattern.MatchString(got) {
			t.Errorf("%s: %s is no name of a group", dir, got)
		}
	}
}
