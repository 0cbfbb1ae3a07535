module github.com/scaler-native/scaler-native/python

go 1.24.0
